"""What every service stands on; it knows none of them, and nothing of what they do."""

import warnings

# Connexion imports Starlette's test client, which warns of the httpx that Connexion asks for.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
