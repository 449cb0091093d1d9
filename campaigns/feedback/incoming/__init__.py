"""Mail that comes in: wishes to leave, bounces and complaints."""
