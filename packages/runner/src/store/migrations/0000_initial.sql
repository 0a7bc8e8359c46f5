CREATE TABLE `baselines` (
	`split` text NOT NULL,
	`name` text NOT NULL,
	`metric` text NOT NULL,
	`fold` integer NOT NULL,
	`value` real NOT NULL,
	PRIMARY KEY(`split`, `name`, `metric`, `fold`),
	FOREIGN KEY (`split`) REFERENCES `splits`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `datasets` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`path` text NOT NULL,
	`task` text NOT NULL,
	`rows` integer NOT NULL,
	`labels` text,
	`targets` blob NOT NULL,
	`findings` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `encodings` (
	`id` text PRIMARY KEY NOT NULL,
	`dataset` text NOT NULL,
	`model` text NOT NULL,
	`texts` integer NOT NULL,
	`tokens` integer NOT NULL,
	`truncated` integer NOT NULL,
	`bytes` integer NOT NULL,
	`seconds` real NOT NULL,
	`finishedAt` integer NOT NULL,
	`environment` text NOT NULL,
	FOREIGN KEY (`dataset`) REFERENCES `datasets`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`model`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`environment`) REFERENCES `environments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `environments` (
	`id` text PRIMARY KEY NOT NULL,
	`details` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `experiment_tags` (
	`experiment` integer NOT NULL,
	`tag` text NOT NULL,
	PRIMARY KEY(`experiment`, `tag`),
	FOREIGN KEY (`experiment`) REFERENCES `experiments`(`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `experiment_trials` (
	`experiment` integer NOT NULL,
	`trial` integer NOT NULL,
	PRIMARY KEY(`experiment`, `trial`),
	FOREIGN KEY (`experiment`) REFERENCES `experiments`(`key`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `experiment_trials_by_trial` ON `experiment_trials` (`trial`);--> statement-breakpoint
CREATE TABLE `experiments` (
	`key` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`question` text,
	`spec` text NOT NULL,
	`source` text,
	`note` text,
	`createdAt` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `experiments_name_unique` ON `experiments` (`name`);--> statement-breakpoint
CREATE TABLE `losses` (
	`trial` integer NOT NULL,
	`fold` integer NOT NULL,
	`part` text NOT NULL,
	`epoch` integer NOT NULL,
	`value` real NOT NULL,
	PRIMARY KEY(`trial`, `fold`, `part`, `epoch`),
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `models` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`path` text NOT NULL,
	`architecture` text NOT NULL,
	`layers` integer NOT NULL,
	`width` integer NOT NULL,
	`parameters` integer NOT NULL,
	`dtype` text NOT NULL,
	`revision` text,
	`bytes` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `predictions` (
	`trial` integer NOT NULL,
	`fold` integer NOT NULL,
	`predicted` blob NOT NULL,
	`scores` blob,
	PRIMARY KEY(`trial`, `fold`),
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `progress` (
	`run` integer NOT NULL,
	`stage` text NOT NULL,
	`done` integer NOT NULL,
	`failed` integer NOT NULL,
	`total` integer NOT NULL,
	`unit` text NOT NULL,
	`rate` real,
	`secondsLeft` real,
	`updatedAt` integer NOT NULL,
	PRIMARY KEY(`run`, `stage`),
	FOREIGN KEY (`run`) REFERENCES `runs`(`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `runs` (
	`key` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`experiment` integer NOT NULL,
	`command` text NOT NULL,
	`device` text NOT NULL,
	`workers` integer NOT NULL,
	`pid` integer NOT NULL,
	`host` text NOT NULL,
	`environment` text NOT NULL,
	`startedAt` integer NOT NULL,
	`seenAt` integer NOT NULL,
	`finishedAt` integer,
	`outcome` text,
	FOREIGN KEY (`experiment`) REFERENCES `experiments`(`key`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`environment`) REFERENCES `environments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `runs_by_experiment` ON `runs` (`experiment`);--> statement-breakpoint
CREATE TABLE `scores` (
	`trial` integer NOT NULL,
	`metric` text NOT NULL,
	`fold` integer NOT NULL,
	`value` real NOT NULL,
	PRIMARY KEY(`trial`, `metric`, `fold`),
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `split_folds` (
	`split` text NOT NULL,
	`fold` integer NOT NULL,
	`roles` blob NOT NULL,
	PRIMARY KEY(`split`, `fold`),
	FOREIGN KEY (`split`) REFERENCES `splits`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `splits` (
	`id` text PRIMARY KEY NOT NULL,
	`dataset` text NOT NULL,
	`spec` text NOT NULL,
	`folds` integer NOT NULL,
	FOREIGN KEY (`dataset`) REFERENCES `datasets`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `summaries` (
	`trial` integer NOT NULL,
	`metric` text NOT NULL,
	`folds` integer NOT NULL,
	`mean` real NOT NULL,
	`std` real,
	`low` real,
	`high` real,
	PRIMARY KEY(`trial`, `metric`),
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `summaries_by_metric` ON `summaries` (`metric`,`trial`);--> statement-breakpoint
CREATE TABLE `trials` (
	`key` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`dataset` text NOT NULL,
	`model` text NOT NULL,
	`split` text,
	`layer` text,
	`layerIndex` integer,
	`layerMethod` text,
	`token` text,
	`classifier` text NOT NULL,
	`options` text NOT NULL,
	`seed` integer,
	`spec` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`error` text,
	`stack` text,
	`startedAt` integer,
	`finishedAt` integer,
	`seconds` real,
	`environment` text,
	`flags` text,
	FOREIGN KEY (`dataset`) REFERENCES `datasets`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`model`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`split`) REFERENCES `splits`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`environment`) REFERENCES `environments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "trials_state" CHECK("trials"."state" in ('pending', 'running', 'done', 'failed'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `trials_by_id` ON `trials` (`id`);--> statement-breakpoint
CREATE INDEX `trials_by_state` ON `trials` (`state`);--> statement-breakpoint
CREATE INDEX `trials_by_dataset_model` ON `trials` (`dataset`,`model`);