"""Who belongs together by what is known about them: rules that staff build and one query answers."""
