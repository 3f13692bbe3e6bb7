"""Files of opening balances are imports too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0002_tenancy")]

    operations = [
        migrations.AlterField(
            model_name="importrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("people", "人员"),
                    ("rules", "积分标准"),
                    ("events", "事件"),
                    ("opening", "期初余额"),
                ],
                max_length=10,
            ),
        ),
    ]
