# One image per service (--build-arg SERVICE=order), and one for the jobs around them (--target jobs).
# Its base is pinned by version and not by digest: no registry is reached where this is written.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS packages
COPY requirements-service.lock /
# The virtual environment has no pip of its own: whatever gets into a container cannot install anything.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /venv && \
    python -m pip --python /venv/bin/python install --require-hashes --no-deps --only-binary=:all: \
        --disable-pip-version-check --no-input -r /requirements-service.lock

FROM python:${PYTHON} AS base
RUN groupadd --gid 10001 shop && useradd --uid 10001 --gid shop --no-create-home --shell /usr/sbin/nologin shop
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /venv /venv
# The official image has no compiled library, and a read-only root keeps none: every start would compile it anew.
RUN python -m compileall -q -j 0 /usr/local/lib/python3.11 -x '/(test|idlelib|lib2to3|tkinter|site-packages)/'
WORKDIR /shop
COPY contracts contracts
COPY asyncapi asyncapi
COPY generated generated
COPY services/__init__.py services/__init__.py
COPY services/chassis services/chassis

# Secrets, migrations, topics, bucket, first admin.
FROM base AS jobs
COPY services services
COPY infra infra
# A new volume takes over the owner of the folder it is mounted on: so the job that writes the secrets need not be root,
# nor MinIO, whose own image would have its data be root's.
RUN install -d -o shop -g shop /secrets/kept /secrets/auth /secrets/cart /secrets/catalog /secrets/notifications \
        /secrets/order /secrets/payment /secrets/shipping /secrets/seed /secrets/postgres /secrets/redis \
        /secrets/minio /secrets/grafana /secrets/postgres-exporter /secrets/redis-exporter && \
    install -d -o 1000 -g 1000 /volumes/images
USER 10001:10001
CMD ["python", "-m", "infra.seeding"]

FROM base AS service
ARG SERVICE
COPY services/${SERVICE} services/${SERVICE}
COPY infra/docker/probe.py probe.py
ENV SERVICE=${SERVICE}
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=600s --start-interval=1s --retries=3 CMD ["python", "-IS", "probe.py"]
# `exec`: the service itself is told to stop, and has its ten seconds.
CMD ["/bin/sh", "-c", "exec python -m services.$SERVICE.main"]
