"""A server that does what Stripe publishes of PaymentIntents, refunds and idempotency keys, as far as the shop uses it.

Its line can lose a request before anything is done, lose an answer after all is done, or hang over one.
"""

import asyncio
import json
from itertools import count

from aiohttp import web

DECLINING = {  # Stripe's test methods, and what is said of them
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}
CANCELLABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


class StripeServer:
    def __init__(self):
        self.intents, self.refunds, self._keys, self._numbers = {}, {}, {}, count(1)
        self.lost_requests, self.lost_answers, self.hangs, self.failures = 0, 0, 0, 0
        self.requests = []

        @web.middleware
        async def over_line(request, handler):
            return await self._over_line(request, handler)

        app = web.Application(middlewares=[over_line])
        app.router.add_post("/v1/payment_intents", self._create)
        app.router.add_get("/v1/payment_intents/{id}", self._retrieve)
        app.router.add_post("/v1/payment_intents/{id}/confirm", self._confirm)
        app.router.add_post("/v1/payment_intents/{id}/cancel", self._cancel)
        app.router.add_post("/v1/refunds", self._refund)
        app.router.add_get("/v1/refunds", self._list_refunds)
        self._runner = web.AppRunner(app, handle_signals=False)

    async def __aenter__(self):
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, shutdown_timeout=0.1)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    @property
    def taken(self):
        """What is held of each intent."""
        return {
            ref: intent["amount"] - sum(one["amount"] for one in self.refunds.values() if one["payment_intent"] == ref)
            for ref, intent in self.intents.items()
            if intent["status"] == "succeeded"
        }

    def forget_keys(self):
        """A day has passed."""
        self._keys.clear()

    async def _over_line(self, request, handler):
        assert request.headers["Authorization"] == "Bearer sk_test_of_the_shop"
        self.requests.append((request.method, request.path, await request.text()))
        if self.lost_requests:
            self.lost_requests -= 1
            request.transport.close()
            return web.Response()
        if self.failures:
            self.failures -= 1
            return _error(500, "api_error")
        response = await self._once(request, handler)
        if self.lost_answers and request.method == "POST":  # a GET is repeated by aiohttp
            self.lost_answers -= 1
            request.transport.close()
        if self.hangs:
            self.hangs -= 1
            await asyncio.sleep(30)
        return response

    async def _once(self, request, handler):
        """The same key and parameters are answered as before, whatever that was; other parameters are an error."""
        key, asked = request.headers.get("Idempotency-Key"), (request.path, await request.text())
        if request.method != "POST" or key is None:
            return await handler(request)
        if key not in self._keys:
            response = await handler(request)
            self._keys[key] = asked, response.status, response.body
        known, status, body = self._keys[key]
        if known != asked:
            return _error(400, "idempotency_error")
        return web.Response(status=status, body=body, content_type="application/json")

    async def _create(self, request):
        form = await request.post()
        ref = f"pi_{next(self._numbers)}"
        self.intents[ref] = {
            "id": ref,
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "currency": form["currency"],
            "status": "requires_payment_method",
            "last_payment_error": None,
            "metadata": _metadata(form),
        }
        return web.json_response(self.intents[ref])

    async def _retrieve(self, request):
        intent = self.intents.get(request.match_info["id"])
        return web.json_response(intent) if intent else _error(404, "invalid_request_error", code="resource_missing")

    async def _confirm(self, request):
        intent, method = self.intents[request.match_info["id"]], (await request.post())["payment_method"]
        if intent["status"] not in CANCELLABLE:
            return _error(400, "invalid_request_error", code="payment_intent_unexpected_state")
        if method in DECLINING:
            code, reason = DECLINING[method]
            error = {
                "type": "card_error",
                "code": code,
                "message": "No.",
                **({"decline_code": reason} if reason else {}),
            }
            intent["last_payment_error"] = error
            return web.json_response({"error": {**error, "payment_intent": intent}}, status=402)
        if method == "pm_card_authenticationRequired":
            intent["status"] = "requires_action"
        elif method == "pm_slow":
            intent["status"] = "processing"
        elif method.startswith("pm_card_"):
            intent["status"] = "succeeded"
        else:
            return _error(400, "invalid_request_error", code="resource_missing")
        return web.json_response(intent)

    async def _cancel(self, request):
        intent = self.intents[request.match_info["id"]]
        if intent["status"] not in CANCELLABLE:
            return _error(400, "invalid_request_error", code="payment_intent_unexpected_state")
        intent["status"] = "canceled"
        return web.json_response(intent)

    async def _refund(self, request):
        form = await request.post()
        ref, amount = form["payment_intent"], int(form["amount"])
        if amount > self.taken.get(ref, 0):
            return _error(400, "invalid_request_error", code="charge_already_refunded")
        refund = {
            "id": f"re_{next(self._numbers)}",
            "object": "refund",
            "payment_intent": ref,
            "amount": amount,
            "status": "succeeded",
            "metadata": _metadata(form),
        }
        self.refunds[refund["id"]] = refund
        return web.json_response(refund)

    async def _list_refunds(self, request):
        found = [one for one in self.refunds.values() if one["payment_intent"] == request.query["payment_intent"]]
        return web.json_response({"object": "list", "data": found, "has_more": False, "url": "/v1/refunds"})


def _metadata(form):
    return {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}


def _error(status, kind, **more):
    body = json.dumps({"error": {"type": kind, "message": "No.", **more}})
    return web.Response(status=status, text=body, content_type="application/json")
