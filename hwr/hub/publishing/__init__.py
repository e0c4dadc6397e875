"""One command makes everything public: models, data sets, the collection that ties them together, and the Space."""
