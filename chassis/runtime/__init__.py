"""The process: settings, logs, metrics, traces, start and shutdown, who leads among replicas."""
