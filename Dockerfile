# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS requirements
# pg_dump and its like for backups, without the Perl that Debian's package wraps around them; and strip.
# Debian's stable release changes both for security only.
WORKDIR /tmp
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils \
    && apt-get download postgresql-client-15 && dpkg --extract postgresql-client-15_*.deb /client \
    && rm -rf /var/lib/apt/lists/*
COPY locked/requirements-production.txt deploy/slim.py /tmp/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check --require-hashes \
        -r /tmp/requirements-production.txt \
    && /venv/bin/pip uninstall --yes --quiet pip setuptools \
    && python /tmp/slim.py /venv/lib/python3.11/site-packages

FROM python:3.11-slim-bookworm
# The system libraries: LightGBM's OpenMP, and what pg_dump speaks with.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 libpq5 libreadline8 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /data site \
    && install --directory --owner=site /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data STATIC_ROOT=/site/collected MPLCONFIGDIR=/tmp/matplotlib
COPY --from=requirements /client/usr/lib/postgresql/15/bin/pg_dump /client/usr/lib/postgresql/15/bin/pg_restore \
    /client/usr/lib/postgresql/15/bin/psql /usr/local/bin/
COPY --from=requirements /venv /venv
WORKDIR /site
COPY . .
# With keys that exist for this one command: no key is part of the image. What is loaded in the rehearsal is compiled,
# once and for all: nobody may write bytecode later, and every process would compile everything at its start.
RUN export SECRET_KEY=build ARTIFACT_SIGNING_KEY=build DATA_DIR=/tmp/build TRAINING_NICE=0 TRAINING_THREADS=1 \
        PYTHONDONTWRITEBYTECODE= \
    && python manage.py collectstatic --no-input \
    && python -m deploy.rehearsal \
    && rm -r /tmp/* \
    && python -m compileall -q exoplanet_site predictions training manage.py
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "exoplanet_site/gunicorn_settings.py", "exoplanet_site.wsgi"]
