"""What everything else runs on: how long work may take, threads and memory of the process, files that are written whole."""
