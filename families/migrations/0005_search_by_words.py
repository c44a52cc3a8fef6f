from django.db import migrations

from sopr.web.trigram import TrigramSearch


class Migration(migrations.Migration):
    dependencies = [("families", "0004_people_and_statuses")]

    operations = [
        TrigramSearch("families_person", "search_name"),
        TrigramSearch("families_family", "search_text"),
    ]
