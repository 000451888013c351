# The service, the worker and the command line in one image.
#
#   docker build -t predictive .
#   docker run -p 8000:8000 -v predictive:/var/lib/predictive --stop-timeout 45 predictive

# ---- build: packages go into a virtual environment that the next stage takes over ----
FROM python:3.12-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

RUN python -m venv /opt/predictive
ENV PATH="/opt/predictive/bin:${PATH}"

WORKDIR /src

# First the pinned, hash-checked dependencies: this layer is rebuilt only when they change.
COPY requirements/runtime.txt requirements/runtime.txt
RUN pip install --require-hashes --only-binary :all: -r requirements/runtime.txt

COPY pyproject.toml README.md ./
COPY evaluation evaluation
COPY models models
COPY predictive predictive
COPY api api
RUN pip install --no-deps --no-build-isolation .

# ---- run: no compiler, no package index, no root ----
FROM python:3.12-slim-bookworm AS run

# LightGBM needs OpenMP's library, which slim images lack.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 predictive \
    && useradd --system --uid 10001 --gid predictive --home-dir /var/lib/predictive \
        --create-home --shell /usr/sbin/nologin predictive

COPY --from=build /opt/predictive /opt/predictive

ENV PATH="/opt/predictive/bin:${PATH}" \
    PYTHONUNBUFFERED=1 \
    OMP_WAIT_POLICY=passive \
    PREDICTIVE_WORKSPACE=/var/lib/predictive/workspace

USER 10001:10001
WORKDIR /var/lib/predictive
VOLUME ["/var/lib/predictive"]
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]

# A new volume gets a workspace first; one that is there is left as it is.
CMD ["sh", "-c", "{ test -f \"${PREDICTIVE_WORKSPACE}/workspace.toml\" || predictive init; } && exec predictive serve --host 0.0.0.0 --port 8000"]
