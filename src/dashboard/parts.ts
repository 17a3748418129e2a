/**
 * The classes whose text is the page's program. Each is whole in itself: it
 * names nothing that is outside of it but what browsers have.
 *
 * @module
 */

import { ApiClient } from "./api_client.ts";
import { App } from "./app.ts";
import { Chart } from "./chart.ts";
import { ClientPanel } from "./client_panel.ts";
import { ClientsView } from "./clients_view.ts";
import { DataTable } from "./data_table.ts";
import { Dialogs } from "./dialogs.ts";
import { Dom } from "./dom.ts";
import { Facts } from "./facts.ts";
import { Format } from "./format.ts";
import { ListenersView } from "./listeners_view.ts";
import { LiveSocket } from "./live_socket.ts";
import { LiveView } from "./live_view.ts";
import { LoginView } from "./login_view.ts";
import { LogsView } from "./logs_view.ts";
import { OverviewView } from "./overview_view.ts";
import { PagedList } from "./paged_list.ts";
import { PublishForm } from "./publish_form.ts";
import { Samples } from "./samples.ts";
import { StoreView } from "./store_view.ts";
import { TopicPanel } from "./topic_panel.ts";
import { TopicsView } from "./topics_view.ts";
import { TopicTree } from "./topic_tree.ts";
import { Warnings } from "./warnings.ts";

/** By the names that parts call them by. */
export const PARTS = {
  ApiClient,
  App,
  Chart,
  ClientPanel,
  ClientsView,
  DataTable,
  Dialogs,
  Dom,
  Facts,
  Format,
  ListenersView,
  LiveSocket,
  LiveView,
  LoginView,
  LogsView,
  OverviewView,
  PagedList,
  PublishForm,
  Samples,
  StoreView,
  TopicPanel,
  TopicsView,
  TopicTree,
  Warnings,
};

/** The classes, as parts are given them. */
export type Parts = typeof PARTS;
