"""What every service stands on; no word of the shop in here."""

import warnings

# Connexion imports Starlette's test client, which warns of the httpx that everything else here uses.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
