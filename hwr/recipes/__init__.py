"""How each network is trained: its data, augmentation, evaluation and card; one file each."""
