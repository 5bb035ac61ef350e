"""The window as a kiosk: one policy around it, and nothing in its pages."""
