# The shop's image: docker buildx bake (--print shows what would be built). The same commit gives the same bytes where it
# is said which, as scripts/rebuild.py --bake does:
#   SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) SHOP_REVISION=$(git rev-parse HEAD) docker buildx bake
variable "SHOP_VERSION" {
  default = "1.0.0"
}

variable "SHOP_REVISION" {
  default = ""
}

variable "SOURCE_DATE_EPOCH" {
  default = "315532800"
}

group "default" {
  targets = ["service"]
}

target "service" {
  context    = "."
  dockerfile = "infra/docker/service.Dockerfile"
  args = {
    VERSION           = SHOP_VERSION
    REVISION          = SHOP_REVISION
    CREATED           = timeadd("1970-01-01T00:00:00Z", "${SOURCE_DATE_EPOCH}s")
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH
  }
  tags = ["shop/service:${SHOP_VERSION}"]
}
