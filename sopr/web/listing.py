"""What a list does besides being a page: its filter, order, pages, columns, and the filters kept under a name."""

import datetime
from functools import cached_property
from itertools import islice

from django.http import QueryDict

from sopr.web.filters import LONGEST, keep_words, recall_words, words_field
from sopr.web.models import ChosenColumns, SavedFilter
from sopr.web.paging import KeyPaginator
from sopr.web.tables import Head, Table, build_row

# Parts of an address that say where one stands in the list, not what is listed.
PLACE = ("page", "after", "before", "as", "columns")
TOKEN = "words"  # noqa: S105 — stands in an address for words kept in the session
EXPORT_CHUNK = 2000  # rows read and decorated at once: the memory an export takes


class Listing:
    """The list's own part of `ListPage`; a subclass names the model, the columns and, mostly, a filter set."""

    SETTINGS = {
        "columns": "choose_columns",
        "save": "save_filter",
        "share": "share_filter",
        "unshare": "unshare_filter",
        "delete": "delete_filter",
    }

    model = None
    filterset_class = None
    columns: list = []
    default_sort = "-pk"
    page_size = 50
    export_name = ""
    ordering_columns = False

    # -- rows ------------------------------------------------------------------------------------------------------

    def get_queryset(self):
        return self.model.objects.visible_to(self.request.user)

    def decorate(self, rows: list) -> list:
        """Give the rows shown what the columns read beside the queryset's own, in a constant number of queries."""
        return rows

    @cached_property
    def filter(self):
        if self.filterset_class is None:
            return None
        data = self.request.GET.copy()
        if self.words_name:
            data[self.words_name] = recall_words(self.request.session, self.page_name, data.get(TOKEN, ""))
        return self.filterset_class(data, queryset=self.get_queryset(), request=self.request)

    def filtered(self):
        rows = self.get_queryset() if self.filter is None else self.filter.qs
        return rows.order_by(*self.get_ordering())

    def rows_for_export(self):
        """The rows of the filter in their order, one by one, read in chunks."""
        rows = self.filtered().iterator(chunk_size=EXPORT_CHUNK)
        while chunk := list(islice(rows, EXPORT_CHUNK)):
            yield from self.decorate(chunk)

    # -- order and pages -------------------------------------------------------------------------------------------

    @cached_property
    def sort(self) -> str:
        """The sort asked for, if it is one of the columns', else the default."""
        asked = self.request.GET.get("sort", "")
        sortable = {column.key for column in self.columns if column.sort}
        return asked if asked.removeprefix("-") in sortable else ""

    def get_ordering(self) -> list[str]:
        """ORM paths; the id follows in the direction of the sort, so one index serves both ways."""
        path = self.default_sort
        if self.sort:
            column = next(column for column in self.columns if column.key == self.sort.removeprefix("-"))
            path = f"-{column.sort}" if self.sort.startswith("-") else column.sort
        if path.removeprefix("-") == "pk":
            return [path]
        return [path, "-pk" if path.startswith("-") else "pk"]

    def get_page(self):
        asked = self.request.GET
        pages = KeyPaginator(self.filtered(), self.page_size, self.get_ordering(), known=self.get_queryset())
        page = pages.take(asked.get("page"), after=asked.get("after"), before=asked.get("before"))
        page.object_list = self.decorate(list(page.object_list))
        return page

    # -- the table -------------------------------------------------------------------------------------------------

    def get_row_url(self, row) -> str:
        """Where a row leads; empty = nowhere."""
        return ""

    def get_table(self, page) -> Table:
        heads = [Head(column, *self._sort_link(column)) for column in self.shown_columns]
        return Table(heads, [build_row(self.shown_columns, row, self.get_row_url(row)) for row in page])

    def _sort_link(self, column) -> tuple[str, str]:
        if not column.sort:
            return "", ""
        now = {column.key: "asc", f"-{column.key}": "desc"}.get(self.sort, "")
        following = f"-{column.key}" if now == "asc" else column.key
        return self.url_with(sort=following), now

    # -- the address -----------------------------------------------------------------------------------------------

    def url_with(self, **changes) -> str:
        """This list with parts of its query changed (None takes one out), from its first page."""
        query = self.request.GET.copy()
        for key in (*PLACE, *changes):
            query.pop(key, None)
        for key, value in changes.items():
            if value is not None:
                query[key] = value
        return f"?{query.urlencode()}" if query else "?"

    def get_list_url(self) -> str:
        """This list as it is shown now; with the choice of columns open while they are being ordered."""
        query = self.request.GET.copy()
        query.pop("columns", None)
        if self.ordering_columns:
            query["columns"] = "1"
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    def read_filter(self) -> str:
        """The address of the filter that was sent; its words stay behind in the session."""
        sent, query = self.request.POST, QueryDict(mutable=True)
        for key in self.filter_keys | {"sort"}:
            values = [value for value in sent.getlist(key) if value]
            if values:
                query.setlist(key, values)
        words = sent.get(self.words_name, "").strip()[:LONGEST] if self.words_name else ""
        if words:
            query[TOKEN] = keep_words(self.request.session, self.page_name, words)
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    @cached_property
    def words_name(self) -> str:
        return words_field(self.filterset_class)

    @cached_property
    def filter_keys(self) -> set[str]:
        """Names of the filters an address may carry."""
        return set() if self.filter is None else set(self.filter.form.fields) - {self.words_name}

    def get_applied(self) -> list[tuple[str, str]]:
        """Applied filters as (label, link that removes it)."""
        if self.filter is None:
            return []
        self.filter.form.is_valid()  # one wrong value leaves the other filters applied
        applied = []
        for name, value in self.filter.form.cleaned_data.items():
            if value in (None, "", [], False):
                continue
            field = self.filter.form.fields[name]
            key = TOKEN if name == self.words_name else name
            applied.append((f"{field.label}: {_say(field, value)}", self.url_with(**{key: None})))
        return applied

    # -- columns ---------------------------------------------------------------------------------------------------

    @cached_property
    def shown_columns(self) -> list:
        """The reader's columns in his order; buttons of rows stay whatever is chosen."""
        keys = ChosenColumns.of(self.request.user, self.page_name)
        by_key = {column.key: column for column in self.choosable_columns}
        chosen = [by_key[key] for key in keys if key in by_key]
        if not chosen:
            return [column for column in self.columns if not column.optional]
        return chosen + [column for column in self.columns if column.kind == "act"]

    @cached_property
    def choosable_columns(self) -> list:
        return [column for column in self.columns if column.kind != "act"]

    def get_column_choice(self) -> list[tuple]:
        """(column, whether it is shown): the shown ones in their order, then the others."""
        shown = [column for column in self.shown_columns if column.kind != "act"]
        return [(column, True) for column in shown] + [
            (column, False) for column in self.choosable_columns if column not in shown
        ]

    def choose_columns(self) -> dict:
        sent = self.request.POST
        known = {column.key for column in self.choosable_columns}
        keys = [key for key in sent.getlist("column") if key in known]
        if "reset" in sent:
            keys = []
        key, _colon, way = sent.get("move", "").partition(":")
        if key in keys:
            place = keys.index(key)
            keys.insert(max(place + (-1 if way == "up" else 1), 0), keys.pop(place))
            self.ordering_columns = True
        ChosenColumns.choose(self.request.user, self.page_name, keys, reset="reset" in sent)
        return {"columns": len(keys)}

    # -- filters kept under a name ---------------------------------------------------------------------------------

    @cached_property
    def query_to_save(self) -> str:
        """The filter and order of now as they are kept: sorted by name, without words and place."""
        asked = self.request.GET
        known = self.filter_keys | {"sort"}
        kept = QueryDict(mutable=True)
        for key in sorted(known & set(asked)):
            values = [value for value in asked.getlist(key) if value]
            if values:
                kept.setlist(key, values)
        return kept.urlencode()

    @cached_property
    def saved_filters(self) -> list[SavedFilter]:
        if self.filterset_class is None:
            return []
        return list(SavedFilter.objects.for_user(self.request.user, self.page_name))

    def get_saved(self) -> list[dict]:
        """The ready-made filters as chips; what is shown without one comes first."""
        if not self.saved_filters:
            return []
        now = "" if self.request.GET.get(TOKEN) else self.query_to_save
        chips = [{"title": "Все", "url": "?", "active": not now and TOKEN not in self.request.GET}]
        for saved in self.saved_filters:
            chips.append({"title": saved.name, "url": f"?{saved.query}", "active": saved.query == now})
        return chips

    def get_current_saved(self) -> SavedFilter | None:
        """The filter shown now, when it is one of those kept."""
        return next((saved for saved in self.saved_filters if saved.query == self.query_to_save), None)

    def save_filter(self) -> dict:
        sent = self.request.POST
        saved = SavedFilter.keep(
            self.request.user, self.page_name, sent.get("name", ""), self.query_to_save, shared="shared" in sent
        )
        return {"saved_filter": saved.pk}

    def share_filter(self) -> dict:
        return self._own_filter().share(True)

    def unshare_filter(self) -> dict:
        return self._own_filter().share(False)

    def delete_filter(self) -> dict:
        saved = self._own_filter()
        gone = {"saved_filter": saved.pk}
        saved.delete()
        return gone

    def _own_filter(self) -> SavedFilter:
        return SavedFilter.own(self.request.user, self.page_name, self.request.POST.get("saved", ""))

    # -- everything together ---------------------------------------------------------------------------------------

    def get_context_data(self, **context):
        page = self.get_page()
        current = self.get_current_saved()
        return super().get_context_data(
            **(
                {
                    "filter": self.filter,
                    "words_name": self.words_name,
                    "applied": self.get_applied(),
                    "saved": self.get_saved(),
                    "saved_now": current,
                    "saved_own": current is not None and current.owner_id == self.request.user.pk,
                    "may_save": bool(self.query_to_save) and current is None,
                    "column_choice": self.get_column_choice(),
                    "columns_open": "columns" in self.request.GET,
                    "page_obj": page,
                    "total": page.paginator.count,
                    "table": self.get_table(page),
                    "empty": self.empty,
                    "xlsx_url": self.url_with(**{"as": "xlsx"}) if self.export_name else "",
                }
                | context
            )
        )


def _say(field, value):
    """A filter's value in the words of its field."""
    if hasattr(field, "label_from_instance"):
        return field.label_from_instance(value)
    if isinstance(value, datetime.date):
        return f"{value:%d.%m.%Y}"
    return dict(getattr(field, "choices", ())).get(value, value)
