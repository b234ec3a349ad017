"""What a local deployment decides where nobody else did."""

NUMBER = "+14155550100"
COALESCE_SECONDS = "1"
INGRESS, CONSOLE, SIMULATOR, NATS, HEALTH = 8080, 8081, 8300, 4222, 8400
