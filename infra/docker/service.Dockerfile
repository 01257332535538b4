# One image for every container of the shop; which part of it runs, says the container's command.
# The same commit gives the same bytes: files are as old as 1980, and bytecode knows its source by a hash. Its base is
# pinned by version and not by digest: no registry is reached where this is written.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS base

# Debian and Python, without what installs packages or draws windows. A read-only root keeps no bytecode, and the
# official image has none: every start would compile the library anew.
FROM base AS system
RUN --mount=type=bind,from=base,target=/base \
    cp -a /base /system && cd /system/usr/local && \
    rm -rf include bin/pip* bin/wheel bin/idle* bin/2to3* && cd lib/python3.11 && \
    rm -rf ensurepip idlelib lib2to3 pydoc_data tkinter turtledemo config-3.11-* site-packages/* && \
    PYTHONHASHSEED=0 python -m compileall -q --invalidation-mode unchecked-hash . && \
    find /system -exec touch --no-dereference --date=@315532800 {} +

FROM base AS packages
# It takes debugging symbols out of libraries, half of what they weigh, and stays in this stage.
RUN apt-get update -qq && apt-get install -qq --yes --no-install-recommends binutils
COPY requirements-service.lock /
# Of botocore's descriptions of all that Amazon offers, 28 MB, only S3 is used; no picture may be AVIF.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /venv && \
    python -m pip --python /venv/bin/python install --require-hashes --no-deps --only-binary=:all: --no-compile \
        --disable-pip-version-check --no-input -r /requirements-service.lock && \
    cd /venv/lib/python3.11/site-packages && \
    find botocore/data boto3/data -mindepth 1 -maxdepth 1 -type d -not -name s3 -exec rm -r {} + && \
    rm -r PIL/_avif* pillow.libs/libavif* alembic/testing sqlalchemy/testing jsonschema/benchmarks && \
    find . -name tests -type d -prune -exec rm -r {} + && \
    find . -type f '(' -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' ')' -delete && \
    find . -type f -name '*.so*' -exec strip --strip-unneeded {} + && \
    PYTHONHASHSEED=0 python -m compileall -q --invalidation-mode unchecked-hash . && \
    find /venv -exec touch --no-dereference --date=@315532800 {} +

FROM base AS shop
WORKDIR /image/shop
COPY contracts contracts
COPY asyncapi asyncapi
COPY generated generated
COPY chassis chassis
COPY services services
COPY infra infra
# By the hash that is looked at, for here a changed source counts (docker-compose.watch.yml).
RUN PYTHONHASHSEED=0 python -m compileall -q --invalidation-mode checked-hash generated chassis services infra
# A new volume takes over the owner of the folder it is mounted on: so the job that writes the secrets need not be root,
# nor MinIO, whose own image would have its data be root's.
RUN cd /image && \
    services=$(cd shop && python -B -c "from generated.services import SERVICES; print(*(f'secrets/{name}' for name in SERVICES))") && \
    install -d -o 10001 -g 10001 $services secrets/kept secrets/seed secrets/postgres secrets/redis secrets/minio \
        secrets/grafana secrets/postgres-exporter secrets/redis-exporter && \
    install -d -o 1000 -g 1000 volumes/images && \
    chmod -R u=rwX,go=rX . && find . -exec touch --no-dereference --date=@315532800 {} +

FROM scratch AS service
# Who does not say where it runs, runs in production: no default stands in for a secret.
ENV ENVIRONMENT=production
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=system /system /
COPY --from=packages /venv /venv
COPY --from=shop /image /
WORKDIR /shop
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
ARG VERSION REVISION CREATED
LABEL org.opencontainers.image.title="shop" \
      org.opencontainers.image.description="The seven services of the shop, and the jobs around them" \
      org.opencontainers.image.version=${VERSION} \
      org.opencontainers.image.revision=${REVISION} \
      org.opencontainers.image.created=${CREATED} \
      org.opencontainers.image.licenses="Apache-2.0 AND BSD-2-Clause AND BSD-3-Clause AND LGPL-3.0-only AND MIT AND MIT-0 AND MIT-CMU AND MPL-2.0 AND PSF-2.0"
