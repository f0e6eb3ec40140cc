# The build stage makes one virtual environment from the lock; the last one carries only that.
# `python docker/check_steps.py` runs these steps where no container engine is at hand.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/moocfeed
COPY requirements.lock ./
RUN /opt/moocfeed/bin/python -m pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app/
COPY collectors collectors/
COPY migrations migrations/
COPY models models/
RUN /opt/moocfeed/bin/python -m pip install --no-deps --no-build-isolation .

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --create-home --home-dir /home/moocfeed moocfeed \
    && install --directory --owner=moocfeed --mode=0750 /data
COPY --from=build /opt/moocfeed /opt/moocfeed
ENV PATH=/opt/moocfeed/bin:$PATH MOOCFEED_DATA_DIR=/data
WORKDIR /home/moocfeed
USER moocfeed
VOLUME /data
EXPOSE 8000
# Without the environment's proxies: the question goes to this container only.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["moocfeed", "serve", "--host", "0.0.0.0", "--port", "8000", "--no-collect"]
