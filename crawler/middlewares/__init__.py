"""Downloader middlewares: the lane (session, headers, way out) and the classification of what comes back."""
