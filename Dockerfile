# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS requirements
COPY locked/requirements-production.txt /tmp/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        -r /tmp/requirements-production.txt \
    && for package in pandas matplotlib pyarrow scipy sklearn; do \
        find "/venv/lib/python3.11/site-packages/$package" -depth -type d -name tests -exec rm -r {} +; done

FROM python:3.11-slim-bookworm
# The one system library, LightGBM's OpenMP, and pg_dump for backups. Debian's stable release changes it for security only.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /data site \
    && install --directory --owner=site /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data STATIC_ROOT=/site/collected MPLCONFIGDIR=/tmp/matplotlib
COPY --from=requirements /venv /venv
WORKDIR /site
COPY . .
# Bytecode is part of the image: nobody may write it later, and every process would compile everything at its start.
# With keys that exist for this one command: no key is part of the image.
RUN SECRET_KEY=build ARTIFACT_SIGNING_KEY=build DATA_DIR=/tmp/build python manage.py collectstatic --no-input \
    && rm -r /tmp/build \
    && python -m compileall -q exoplanet_site predictions training manage.py
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "exoplanet_site/gunicorn_settings.py", "exoplanet_site.wsgi"]
