"""Those who take the money, behind `ports.PaymentProvider`."""
