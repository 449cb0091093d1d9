FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static MEDIA_ROOT=/srv/media
RUN useradd --system --home-dir /app broadsheet && install -d -o broadsheet /srv/media
WORKDIR /app

# Dependencies change less often than the code, so they have a layer of their own.
COPY pyproject.toml LICENSE ./
COPY config/constraints.txt config/
RUN pip install --no-cache-dir -c config/constraints.txt .

COPY . .
RUN pybabel --quiet compile --domain django --directory locale \
    && set -a && . config/build.env && DATABASE_URL=sqlite:////tmp/build.sqlite3 python manage.py collectstatic --no-input

USER broadsheet
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--no-control-socket"]
