# nocontact in one image: the steps are those of scripts/install, which CI runs as well.
#   docker build -t nocontact .
# The client programs of PostgreSQL are for `nocontact backup` and `restore`; keep the server of compose.yaml
# at their version or below.
FROM python:3.11-slim-bookworm

RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends postgresql-client-15 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /nocontact --shell /usr/sbin/nologin nocontact \
 && install -d -o nocontact -g nocontact -m 0700 /data

WORKDIR /nocontact
# The locked dependencies first: they change least, and their layer is kept.
COPY scripts/install scripts/install
COPY requirements/run.txt requirements/dev.txt requirements/
RUN scripts/install dependencies /venv
COPY pyproject.toml README.md LICENSE ./
COPY matchers matchers
COPY engine engine
COPY adapters adapters
COPY service service
RUN scripts/install program /venv

ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    NOCONTACT_DATA=/data NOCONTACT_HOST=0.0.0.0 NOCONTACT_PORT=8085
USER nocontact
WORKDIR /data
VOLUME /data
EXPOSE 8085
STOPSIGNAL SIGTERM
# Alive, not ready: without its database it still has its last good blocklist, and is not restarted for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD python -c "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['NOCONTACT_PORT'] + '/health', timeout=4)"
ENTRYPOINT ["nocontact"]
CMD ["serve"]
