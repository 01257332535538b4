"""The process: settings, logs, metrics, traces, start and shutdown, timeouts and retries."""
