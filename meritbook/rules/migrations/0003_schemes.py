"""Schemes with their reviews and locks; each rule belongs to one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0004_chain_guards"),
        ("org", "0004_statistics"),
        ("rules", "0002_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="Scheme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, verbose_name="编号")),
                ("name", models.CharField(max_length=120, verbose_name="名称")),
                ("is_default", models.BooleanField(default=False)),
                ("goal", models.TextField(blank=True, verbose_name="目标")),
                (
                    "company_goal",
                    models.CharField(blank=True, max_length=200, verbose_name="服务的公司目标"),
                ),
                ("measure", models.CharField(blank=True, max_length=80, verbose_name="衡量指标")),
                ("measure_unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
                (
                    "measure_from",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="现在"
                    ),
                ),
                (
                    "measure_to",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=18,
                        null=True,
                        verbose_name="要达到",
                    ),
                ),
                ("measure_by", models.DateField(blank=True, null=True, verbose_name="期限")),
                ("review_on", models.DateField(blank=True, null=True, verbose_name="复盘日期")),
                ("review_told_on", models.DateField(blank=True, null=True)),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("none", "不用审批，积分专员直接发布"),
                            ("owner", "负责人审批"),
                            ("committee", "委员会表决"),
                            ("two_level", "两级会签：方案负责人，再到公司负责人"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                (
                    "limit_hours",
                    models.SmallIntegerField(default=72, verbose_name="审批时限（小时）"),
                ),
                (
                    "consultation_days",
                    models.SmallIntegerField(default=0, verbose_name="征求意见天数"),
                ),
                ("notice_days", models.SmallIntegerField(default=0, verbose_name="提前公布天数")),
                ("must_sign", models.BooleanField(default=False, verbose_name="员工要签收")),
                ("created_at", models.DateTimeField()),
                (
                    "committee",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.committee",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.company",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.programme",
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "measured",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=18,
                        null=True,
                        verbose_name="现在的数值",
                    ),
                ),
                ("findings", models.TextField(verbose_name="复盘结论")),
                ("next_on", models.DateField(blank=True, null=True, verbose_name="下次复盘")),
                ("reviewed_name", models.CharField(max_length=80)),
                ("reviewed_at", models.DateTimeField()),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.company",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.membership",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="rules.scheme",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Lock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="从")),
                ("ends_on", models.DateField(verbose_name="到")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("created_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.company",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="locks",
                        to="rules.scheme",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="rule",
            name="scheme",
            field=models.ForeignKey(
                db_constraint=False,
                default=0,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rules",
                to="rules.scheme",
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="rule",
            index=models.Index(fields=["company", "scheme"], name="rules_rule_scheme"),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.UniqueConstraint(
                fields=("company", "code"), name="rules_scheme_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("company", "programme"),
                name="rules_scheme_one_default",
            ),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approval", "committee"), ("committee__isnull", False)),
                    models.Q(
                        models.Q(("approval", "committee"), _negated=True),
                        ("committee__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="rules_scheme_committee",
            ),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("consultation_days__range", (0, 90)),
                    ("limit_hours__range", (1, 2160)),
                    ("notice_days__range", (0, 90)),
                ),
                name="rules_scheme_days",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["company", "scheme"], name="rules_review_scheme"),
        ),
        migrations.AddIndex(
            model_name="lock",
            index=models.Index(fields=["company", "scheme"], name="rules_lock_scheme"),
        ),
        migrations.AddConstraint(
            model_name="lock",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="rules_lock_days"
            ),
        ),
    ]
