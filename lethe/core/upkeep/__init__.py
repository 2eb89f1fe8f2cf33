"""What Lethe does by itself: resuming after crashes, reconciling, measuring."""
