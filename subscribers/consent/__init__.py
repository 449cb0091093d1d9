"""What people agree to and take back, always with its proof."""
