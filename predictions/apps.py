from django.apps import AppConfig


class PredictionsConfig(AppConfig):
    name = "predictions"
    verbose_name = "Predictions"

    def ready(self) -> None:
        from predictions.catalogue import following as catalogue_following
        from predictions.watching import following as watching_following

        catalogue_following.connect()
        watching_following.connect()
