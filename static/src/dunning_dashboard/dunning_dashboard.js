/* global Chart */
import {Component, onWillStart, onWillUnmount, useEffect, useRef, useState} from "@odoo/owl";
import {loadBundle} from "@web/core/assets";
import {download} from "@web/core/network/download";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

const MODEL = "account.dunning.dashboard";
const AGE_COLORS = ["#7fb8a4", "#f2d27a", "#eaa75b", "#d9735a", "#9c3d54"];
const PLAIN_COLORS = ["#71639e", "#3c9d8f", "#c9c6d3"];
const ORDER = ["ageing", "cash", "levels", "rolls", "collectors", "debtors"];

/** One chart: bars of the series; a click on a bar opens what is behind it. */
export class DunningChart extends Component {
    static template = "account_dunning.DunningChart";
    static props = {chart: Object, name: String, format: Function, open: Function};

    setup() {
        this.canvas = useRef("canvas");
        useEffect(
            () => {
                this.chart = new Chart(this.canvas.el, this.config);
                return () => this.chart.destroy();
            },
            () => [this.props.chart],
        );
    }

    get isEmpty() {
        return !this.props.chart.series.some((series) => series.values.some((value) => value));
    }

    get config() {
        const {chart, name, format} = this.props;
        const colors = name === "ageing" ? AGE_COLORS : PLAIN_COLORS;
        const amounts = {
            stacked: Boolean(chart.stacked),
            beginAtZero: true,
            ticks: {callback: (value) => format(value, chart.unit, true), maxTicksLimit: 6},
        };
        const names = {stacked: Boolean(chart.stacked), grid: {display: false}};
        return {
            type: "bar",
            data: {
                labels: chart.labels,
                datasets: chart.series.map((series, index) => ({
                    label: series.label,
                    data: series.values,
                    backgroundColor: colors[index % colors.length],
                    maxBarThickness: 36,
                })),
            },
            options: {
                indexAxis: chart.horizontal ? "y" : "x",
                maintainAspectRatio: false,
                animation: false,
                scales: chart.horizontal ? {x: amounts, y: names} : {x: names, y: amounts},
                plugins: {
                    legend: {display: chart.series.length > 1, position: "bottom", labels: {boxWidth: 12}},
                    tooltip: {
                        callbacks: {label: (item) => `${item.dataset.label}: ${format(item.raw, chart.unit)}`},
                    },
                },
                onClick: (_event, [hit]) => {
                    if (hit) {
                        this.props.open(name, chart.keys[hit.index], chart.series[hit.datasetIndex].key);
                    }
                },
                onHover: (event, hits) => {
                    event.native.target.style.cursor = hits.length ? "pointer" : "default";
                },
            },
        };
    }
}

/** The dashboard of collections: tiles and charts of one company, today or at the end of a month. */
export class DunningDashboard extends Component {
    static template = "account_dunning.DunningDashboard";
    static components = {DunningChart, Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({data: null, busy: false});
        this.order = ORDER;
        this.format = this.format.bind(this);
        this.open = this.open.bind(this);
        useSetupAction({
            getLocalState: () => {
                const [snapshotId, userId] = this.asked;
                return {snapshotId, userId};
            },
        });
        const {snapshotId = false, userId = false} = this.props.state || {};
        onWillStart(async () => {
            await Promise.all([loadBundle("web.chartjs_lib"), this.load(snapshotId, userId)]);
        });
        onWillUnmount(() => {
            this.ended = true;
        });
    }

    get display() {
        return {controlPanel: {}};
    }

    get asked() {
        return [this.state.data.snapshot_id, this.state.data.user_id];
    }

    async load(snapshotId, userId) {
        this.state.busy = true;
        try {
            const data = await this.orm.call(MODEL, "get_data", [snapshotId, userId]);
            if (!this.ended) {
                this.state.data = data;
            }
        } finally {
            this.state.busy = false;
        }
    }

    onMonth(event) {
        return this.load(Number(event.target.value) || false, this.state.data.user_id);
    }

    onCollector(event) {
        return this.load(this.state.data.snapshot_id, Number(event.target.value) || false);
    }

    async open(figure, key = false, series = false) {
        const action = await this.orm.call(MODEL, "open_rows", [figure, ...this.asked, key, series]);
        await this.action.doAction(action);
    }

    async onTable() {
        const {name, content} = await this.orm.call(MODEL, "get_table", this.asked);
        const link = document.createElement("a");
        link.href = `data:application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;base64,${content}`;
        link.download = name;
        link.click();
    }

    async onPrint() {
        const [snapshotId, userId] = this.asked;
        await download({
            url: "/report/download",
            data: {
                data: JSON.stringify([
                    `/report/pdf/account_dunning.report_dashboard?options=${encodeURIComponent(
                        JSON.stringify({snapshot_id: snapshotId, user_id: userId}),
                    )}`,
                    "qweb-pdf",
                ]),
                context: JSON.stringify({}),
            },
        });
    }

    /** A value as people read it; short: without cents, for the axes. */
    format(value, unit, short = false) {
        if (value === null || value === undefined) {
            return "–";
        }
        const digits = unit === "money" && !short ? 2 : unit === "percent" && !short ? 1 : 0;
        const text = Number(value).toLocaleString(undefined, {
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
        });
        if (unit === "percent") {
            return `${text} %`;
        }
        if (unit === "money" && !short) {
            const {symbol, position} = this.state.data.currency;
            return position === "before" ? `${symbol}\u00a0${text}` : `${text}\u00a0${symbol}`;
        }
        return text;
    }

    get subtitle() {
        const {company, day} = this.state.data;
        return _t("%(company)s · as of %(day)s", {company, day});
    }
}

registry.category("actions").add("account_dunning_dashboard", DunningDashboard);
