# The demo page on a processor, weights inside, as a user without rights:
#   docker build -t hwr . && docker run --rm -p 7860:7860 hwr
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 hwr
WORKDIR /home/hwr/app

# PyTorch for processors: without CUDA, gigabytes smaller.
COPY requirements.txt .
RUN pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt

COPY --chown=hwr app.py model_card.md LICENSE ./
COPY --chown=hwr hwr hwr
COPY --chown=hwr docs/clients docs/clients
COPY --chown=hwr weights weights

USER hwr
# The weights are inside: nothing is asked of the Hub unless HWR_CHAR_MODEL and its like name a repository.
ENV GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    GRADIO_ANALYTICS_ENABLED=False \
    HF_HUB_DISABLE_TELEMETRY=1 \
    PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD python -c "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"GRADIO_SERVER_PORT\"]}/config', timeout=9)"
CMD ["python", "app.py"]
