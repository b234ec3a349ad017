"""A global agent small enough to read: it asks people, and takes conversations over."""
