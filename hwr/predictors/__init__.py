"""What people use: plain Python in, typed results out; one file each."""
