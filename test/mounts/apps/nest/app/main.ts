import "reflect-metadata";
import { Controller, Get, Injectable, Module, type OnApplicationShutdown } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
// mount: where the requests go
import { createExchangeFromEnv, toNodeListener } from "vambe-identity";

@Injectable()
class Identity implements OnApplicationShutdown {
  readonly exchange = createExchangeFromEnv();
  readonly listener = toNodeListener(this.exchange);

  onApplicationShutdown() {
    return this.exchange.close();
  }
}
// :mount

@Controller()
class ShopController {
  @Get()
  page() {
    return "The shop";
  }
}

@Module({ controllers: [ShopController], providers: [Identity] })
class ShopModule {}

const app = await NestFactory.create<NestExpressApplication>(ShopModule, { logger: ["error"] });
if (process.env.BODY_PARSERS) {
  app.useBodyParser("json");
  app.useBodyParser("urlencoded", { extended: false });
}
// mount: the routes
app.use("/identity", app.get(Identity).listener);
app.enableShutdownHooks(["SIGTERM"], { useProcessExit: true });
// :mount
await app.listen(Number(process.env.PORT), process.env.HOST ?? "127.0.0.1");
