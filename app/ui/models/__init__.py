"""What the views show, worked out from what the station tells."""
