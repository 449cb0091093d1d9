"""What is held about a person, in every table and file: to be told, and to be erased."""
