"""What comes back: people leaving, and later clicks, bounces and complaints."""
