"""The push: ours against one Celery task per event and against a bare loop."""
