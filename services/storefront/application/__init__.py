"""What the storefront does: sessions, and pages for whoever visits."""
