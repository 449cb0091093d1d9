"""A place to see mail without sending it anywhere: a catcher, a mailbox page and the demo."""
