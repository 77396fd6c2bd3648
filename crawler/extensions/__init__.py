"""Extensions: progress of a run."""
