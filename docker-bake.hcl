# All images of the shop at once: docker buildx bake (--print shows what would be built).
variable "SHOP_VERSION" {
  default = "1.0.0"
}

group "default" {
  targets = ["service", "jobs"]
}

target "common" {
  context    = "."
  dockerfile = "infra/docker/service.Dockerfile"
}

target "service" {
  name     = service
  inherits = ["common"]
  target   = "service"
  matrix   = { service = ["auth", "cart", "catalog", "notifications", "order", "payment", "shipping"] }
  args     = { SERVICE = service }
  tags     = ["shop/${service}:${SHOP_VERSION}"]
}

target "jobs" {
  inherits = ["common"]
  target   = "jobs"
  tags     = ["shop/jobs:${SHOP_VERSION}"]
}
