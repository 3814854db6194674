# In the place of nginxinc/nginx-unprivileged: its user, its cache folder, and its filling in of templates.
FROM localhost/debian-stand-in
RUN apt-get update \
    && apt-get install --yes --no-install-recommends nginx-light curl gettext-base \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner=101 --group=101 /var/cache/nginx
COPY nginx-entrypoint.sh /entrypoint.sh
ENTRYPOINT ["sh", "/entrypoint.sh"]
