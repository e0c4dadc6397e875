"""Pages with ground truth, composed of writers' ink, papers, print and cameras: what a finder of lines learns from and is measured on."""
