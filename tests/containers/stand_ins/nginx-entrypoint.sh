# As that image does: of each template only what the environment has, and nothing that nginx itself means by $name.
set -eu
for template in /etc/nginx/templates/*.template; do
    names="$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')"
    envsubst "$names" <"$template" >"$NGINX_ENVSUBST_OUTPUT_DIR/$(basename "$template" .template)"
done
exec "$@"
