"""What `doctor` looks at by itself: the way to the cloud, folders, and the program's own parts."""
