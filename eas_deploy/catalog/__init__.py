"""What the region's catalogue says: images, machines, chips, frameworks and model families. Pure."""
