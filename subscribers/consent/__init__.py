"""What people agree to and take back: sign-up, confirmation, preferences, leaving."""
